"""What minio-py does against a store at $ENDPOINT, in a folder with small.bin and big.bin."""

import io
import os
import pathlib
import urllib.request

from minio import Minio
from minio.commonconfig import CopySource
from minio.deleteobjects import DeleteObject

client = Minio(
    endpoint=os.environ["ENDPOINT"].removeprefix("http://"),
    access_key=os.environ["AWS_ACCESS_KEY_ID"],
    secret_key=os.environ["AWS_SECRET_ACCESS_KEY"],
    secure=False,
)
bucket = "check-minio"
big = pathlib.Path("big.bin").read_bytes()

assert not client.bucket_exists(bucket_name=bucket)
client.make_bucket(bucket_name=bucket)
client.put_object(bucket_name=bucket, object_name="a/s", data=io.BytesIO(b"z" * 3000), length=3000)
client.fput_object(bucket_name=bucket, object_name="big", file_path="big.bin", part_size=6 << 20)
client.put_object(
    bucket_name=bucket, object_name="unknown", data=io.BytesIO(big[:6_000_000]), length=-1, part_size=5 << 20
)
client.fget_object(bucket_name=bucket, object_name="big", file_path="back")
assert pathlib.Path("back").read_bytes() == big
client.fget_object(bucket_name=bucket, object_name="unknown", file_path="back")
assert pathlib.Path("back").read_bytes() == big[:6_000_000]
client.copy_object(bucket_name=bucket, object_name="copy", source=CopySource(bucket_name=bucket, object_name="a/s"))
url = client.presigned_get_object(bucket_name=bucket, object_name="a/s")
assert urllib.request.urlopen(url).read() == b"z" * 3000
listed = [entry.object_name for entry in client.list_objects(bucket_name=bucket, recursive=True)]
assert listed == ["a/s", "big", "copy", "unknown"], listed
failed = client.remove_objects(bucket_name=bucket, delete_object_list=[DeleteObject(name) for name in listed])
assert not list(failed)
client.remove_bucket(bucket_name=bucket)
