"""A real vision-language model of under three million parameters, for tests on the real engine: streams that it knows,
the script that made and trained it, and its examination."""
