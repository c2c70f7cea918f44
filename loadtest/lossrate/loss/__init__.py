"""How packets get lost: at a point in the middle, in the direction that is asked for, and counted."""
