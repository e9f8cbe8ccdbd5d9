"""The ``maeum`` command."""
