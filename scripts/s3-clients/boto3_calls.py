"""What boto3 does against a store at $ENDPOINT, in a folder with small.bin and big.bin."""

import os
import pathlib
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

endpoint, bucket = os.environ["ENDPOINT"], "check-boto3"
s3 = boto3.client("s3", endpoint_url=endpoint)
small, big = pathlib.Path("small.bin").read_bytes(), pathlib.Path("big.bin").read_bytes()


def fetched(url):
    return urllib.request.urlopen(url).read()


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
    else:
        raise AssertionError(f"not refused: {code}")


s3.create_bucket(Bucket=bucket)
s3.head_bucket(Bucket=bucket)
s3.put_object(Bucket=bucket, Key="a é+/1", Body=small, ContentType="image/png", Metadata={"page": "7"}, Tagging="t=1")
got = s3.get_object(Bucket=bucket, Key="a é+/1")
assert got["Body"].read() == small and got["ContentType"] == "image/png" and got["Metadata"] == {"page": "7"}
assert s3.get_object(Bucket=bucket, Key="a é+/1", Range="bytes=5-9")["Body"].read() == small[5:10]
assert s3.get_object_tagging(Bucket=bucket, Key="a é+/1")["TagSet"] == [{"Key": "t", "Value": "1"}]
try:
    import awscrt  # noqa: F401  (without it botocore has no CRC32C and no CRC64NVME)

    algorithms = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"]
except ImportError:
    algorithms = ["CRC32", "SHA1", "SHA256"]
for algorithm in algorithms:
    s3.put_object(Bucket=bucket, Key=algorithm, Body=b"x", ChecksumAlgorithm=algorithm)
    head = s3.head_object(Bucket=bucket, Key=algorithm, ChecksumMode="ENABLED")
    assert head[f"Checksum{algorithm}"], head
refused("PreconditionFailed", s3.put_object, Bucket=bucket, Key="SHA1", Body=b"y", IfNoneMatch="*")
s3.upload_file("big.bin", bucket, "big")
s3.download_file(bucket, "big", "back")
assert pathlib.Path("back").read_bytes() == big
facts = s3.get_object_attributes(Bucket=bucket, Key="big", ObjectAttributes=["ObjectParts", "ObjectSize", "Checksum"])
assert facts["ObjectSize"] == len(big) and facts["ObjectParts"]["TotalPartsCount"] == 3, facts
part = s3.get_object(Bucket=bucket, Key="big", PartNumber=2)
assert part["Body"].read() == big[8 << 20 : 16 << 20] and part["PartsCount"] == 3
s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "a é+/1"})
s3.copy({"Bucket": bucket, "Key": "big"}, bucket, "copied")  # in parts
assert s3.get_object(Bucket=bucket, Key="copied")["Body"].read() == big

for version in (None, "s3v4", "s3"):
    signer = boto3.client("s3", endpoint_url=endpoint, config=Config(signature_version=version))
    url = signer.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "a é+/1"})
    assert fetched(url) == small, version
    url = signer.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": f"put {version}"})
    urllib.request.urlopen(urllib.request.Request(url, data=big, method="PUT", headers={"Content-Type": ""}))
    assert s3.get_object(Bucket=bucket, Key=f"put {version}")["Body"].read() == big
    s3.delete_object(Bucket=bucket, Key=f"put {version}")

pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, PaginationConfig={"PageSize": 2})
keys = [entry["Key"] for page in pages for entry in page["Contents"]]
assert keys == sorted(["a é+/1", "big", "copied", "copy", *algorithms], key=str.encode), keys
assert s3.list_objects_v2(Bucket=bucket, Delimiter="/")["CommonPrefixes"] == [{"Prefix": "a é+/"}]
assert len(s3.list_objects(Bucket=bucket)["Contents"]) == len(keys)
assert len(s3.list_object_versions(Bucket=bucket)["Versions"]) == len(keys)
refused("NoSuchBucketPolicy", s3.get_bucket_policy, Bucket=bucket)
refused("NoSuchKey", s3.get_object, Bucket=bucket, Key="none")
assert s3.get_bucket_acl(Bucket=bucket)["Grants"][0]["Permission"] == "FULL_CONTROL"

deleted = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in keys]})
assert len(deleted["Deleted"]) == len(keys) and not deleted.get("Errors")
s3.delete_bucket(Bucket=bucket)
assert bucket not in [entry["Name"] for entry in s3.list_buckets()["Buckets"]]
