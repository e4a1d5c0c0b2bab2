// S3Lite
