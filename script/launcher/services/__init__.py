"""The programs that the product needs: PostgreSQL, Valkey and a browser, started and watched."""
