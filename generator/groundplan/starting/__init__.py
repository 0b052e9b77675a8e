"""Start a project: questions and answers, rendering, the first commit, the first run."""
