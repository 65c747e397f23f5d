"""The `nodo` command, also reached by `python -m appliance`."""

import multiprocessing

if __name__ == "__main__":
    # Must come first: a frozen build starts its child processes through this same file.
    multiprocessing.freeze_support()
    from appliance.boot.cli import main

    raise SystemExit(main())
