"""What every part of the domain uses: values, verdicts, names, spans, plain text."""
