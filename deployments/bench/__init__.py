"""The figures of docs/benchmarks.md: `./dev bench` measures them and prints Markdown; ratios of one run count."""
