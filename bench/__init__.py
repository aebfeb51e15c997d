"""Measurements that anybody can repeat: made mail and real code, figures printed beside a floor from the same run."""
