"""`python -m kosha_local` is `kosha`."""

from kosha_local.cli import main

if __name__ == "__main__":
    main(prog_name="kosha")
