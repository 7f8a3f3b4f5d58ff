"""The rooms that a review passes through; none knows another."""
