"""How a recognition cluster and its clients fare on links that lose packets.

`python3 -m lossrate run | plot | report | lab`, from the folder of this package's parent; README.md there tells more.
"""
