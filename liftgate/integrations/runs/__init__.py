"""Flow runs and their inputs, through Prefect's REST API: importing Prefect costs seconds."""
