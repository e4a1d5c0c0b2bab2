"""FastAPI: one route that works synchronously inside `async def`, and the same work on a thread."""
import hashlib, time

from fastapi import FastAPI, UploadFile
from fastapi.concurrency import run_in_threadpool

app = FastAPI()


def keep(content: bytes) -> str:
    """Digests an upload and hands it to a store that answers after 10 ms, as synchronous clients do."""
    digest = hashlib.sha256(content).hexdigest()
    time.sleep(0.01)
    return digest


@app.get("/health")
async def health():
    return "ok"


@app.post("/before")
async def before(file: UploadFile):
    return {"sha256": keep(await file.read())}


@app.post("/after")
async def after(file: UploadFile):
    return {"sha256": await run_in_threadpool(keep, await file.read())}
