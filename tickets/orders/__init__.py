"""Rectification orders (交办单) to schools, the consent to disclose, and direct inquiry instead of an order."""
