"""`python -m mockagent`: the command line, where the program itself is not on the path."""

from mockagent.cli import main

if __name__ == "__main__":
    main(prog_name="mockagent")
