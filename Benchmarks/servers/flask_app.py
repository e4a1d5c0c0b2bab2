"""Flask: one route; whether it blocks the others is for gunicorn's workers to say."""
import hashlib, time

from flask import Flask, request

app = Flask(__name__)


@app.get("/health")
def health():
    return "ok"


@app.post("/upload")
def upload():
    digest = hashlib.sha256(request.files["file"].read()).hexdigest()
    time.sleep(0.01)  # a store that answers after 10 ms
    return {"sha256": digest}
