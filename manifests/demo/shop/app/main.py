"""The demo's service: says which release it is, and how healthy."""
import os

from fastapi import FastAPI

from app.release import GREETING

app = FastAPI()


@app.get("/")
def greet() -> dict:
    return {"greeting": GREETING, "environment": os.environ.get("ENVIRONMENT", "unknown")}


@app.get("/health")
def health() -> dict:
    return {"status": "ok"}
