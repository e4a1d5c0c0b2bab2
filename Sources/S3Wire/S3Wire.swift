// S3Wire
