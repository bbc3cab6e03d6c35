"""The figures of docs/benchmarks.md: `./dev bench` measures them and prints Markdown. Only compare within one run."""
