"""One module a product: what its document cannot say."""
