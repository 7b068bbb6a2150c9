# needs: python3
python3 -c 'import _multiprocessing, sys; _multiprocessing.SemLock(1, 1, 1, "/" + sys.argv[1] + "-lock", False)' "$TAG"
