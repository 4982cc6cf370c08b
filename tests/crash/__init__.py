"""The application killed while updates flow."""
