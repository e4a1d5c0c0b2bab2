// IngestServer
