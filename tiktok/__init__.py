"""TikTok's HTTP API as plain functions; `tiktok.client` lists what can be called."""
