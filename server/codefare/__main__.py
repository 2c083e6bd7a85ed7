"""`python -m codefare`."""

from codefare.cli import main

if __name__ == "__main__":
    main()
