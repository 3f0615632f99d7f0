"""The pool of child processes that run people's JavaScript."""
