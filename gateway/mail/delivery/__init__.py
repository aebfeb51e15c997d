"""What delivery reports are made of, and how each is told apart: the parts that `delivery_report` reads by."""
