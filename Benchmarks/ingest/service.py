"""The same service as the ingest server's, as one would write it first: FastAPI, PyMuPDF and boto3.

`/ingest/blocking` does everything on the event loop; `/ingest/async` hands PDF work and puts to threads.
"""

import asyncio
import os
import uuid
from concurrent.futures import ThreadPoolExecutor

import boto3
import pymupdf
from botocore.config import Config
from fastapi import FastAPI, UploadFile

BUCKET = os.environ["BUCKET"]
PUTS = ThreadPoolExecutor(16)
WORKERS = ThreadPoolExecutor(os.cpu_count())
store = boto3.client("s3", endpoint_url=os.environ["STORE"], region_name="us-east-1",
                     config=Config(max_pool_connections=32, s3={"addressing_style": "path"}))
app = FastAPI()


def extract(data):
    texts, images = [], []
    with pymupdf.open(stream=data, filetype="pdf") as document:
        for number, page in enumerate(document, 1):
            texts.append(page.get_text())
            for index, entry in enumerate(page.get_images(full=True)):
                image = document.extract_image(entry[0])
                images.append((number, index, image["ext"], image["image"]))
        return "\n".join(texts), images, len(document)


def put(key, ext, data):
    store.put_object(Bucket=BUCKET, Key=key, Body=data, ContentType=f"image/{ext}")


def receipt(document, text, images, pages):
    return {"document_id": document, "text": text, "page_count": pages, "images": [
        {"page": page, "index": index, "s3_url": f"s3://{BUCKET}/{document}/img_{count}.{ext}"}
        for count, (page, index, ext, _) in enumerate(images)]}


@app.get("/health")
async def health():
    return {"status": "ok"}


@app.post("/ingest/blocking")
async def ingest_blocking(file: UploadFile):
    document = str(uuid.uuid4())
    text, images, pages = extract(await file.read())
    for count, (_, _, ext, data) in enumerate(images):
        put(f"{document}/img_{count}.{ext}", ext, data)
    return receipt(document, text, images, pages)


@app.post("/ingest/async")
async def ingest_async(file: UploadFile):
    loop = asyncio.get_running_loop()
    document = str(uuid.uuid4())
    text, images, pages = await loop.run_in_executor(WORKERS, extract, await file.read())
    await asyncio.gather(*(
        loop.run_in_executor(PUTS, put, f"{document}/img_{count}.{ext}", ext, data)
        for count, (_, _, ext, data) in enumerate(images)))
    return receipt(document, text, images, pages)
