"""Reading a panel file: pure, and never repeating a cell's content in anything it says."""
