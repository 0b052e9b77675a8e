"""A new project: questions and answers, Copier's rendering, the first commit, the first run."""
