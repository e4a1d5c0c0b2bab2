/// What a server is, as labels that never change.
struct BuildLabels: Sendable {
    let version: String
    let mupdf: String
    let png: String
    let isIsolated: Bool
    let executor: String
}

/// Everything that `/metrics` shows.
struct MetricsSources {
    let counts: IngestCounts
    let received: ReceivedBytes
    let heldBytes: Int
    let workers: PDFWorkers.Counts
    let queueDepth: Int
    let loopBlocks: LoopWatching.Counts
    let build: BuildLabels

    /// Writes all of it in Prometheus' text format.
    func text() -> String {
        var text = MetricsText()
        addRequests(to: &text)
        addDocuments(to: &text)
        addStore(to: &text)
        addServer(to: &text)
        addProcess(to: &text)
        return text.text
    }

    private func addRequests(to text: inout MetricsText) {
        let requests = counts.requests.sorted {
            ($0.key.endpoint, $0.key.status) < ($1.key.endpoint, $1.key.status)
        }
        text.add(
            "ingest_requests_total",
            "counter",
            "Requests answered; status none is a client that went away.",
            requests.map {
                ([("route", $0.key.endpoint), ("status", $0.key.status)], Double($0.value))
            }
        )
        text.add(
            "ingest_request_seconds",
            "From the first byte of a request to its answer.",
            by: "route",
            counts.requestSeconds
        )
        text.add(
            "ingest_received_bytes_total",
            "counter",
            "Bytes of request bodies read, framing included.",
            by: "route",
            ["blocking": received.count(.blocking), "async": received.count(.async)]
        )
        text.add("ingest_in_flight", "gauge", "Uploads not yet answered.", by: "route", counts.inFlight)
        text.add("ingest_queue_depth", "gauge", "Documents that wait for a worker.", Double(queueDepth))
        text.add("ingest_held_bytes", "gauge", "Room taken for request bodies.", Double(heldBytes))
        text.add("ingest_rejected_total", "counter", "Requests turned away.", by: "reason", counts.rejected)
    }

    private func addDocuments(to text: inout MetricsText) {
        text.add("ingest_pdf_seconds", "Reading a document.", by: "stage", counts.pdfSeconds)
        text.add(
            "ingest_pages_total",
            "counter",
            "Pages of documents that were stored.",
            Double(counts.pages)
        )
        text.add("ingest_images_total", "counter", "Images that were stored.", by: "ext", counts.images)
        text.add("ingest_pdf_errors_total", "counter", "Documents not read.", by: "code", counts.pdfErrors)
        text.add(
            "ingest_mupdf_warnings_total",
            "counter",
            "Warnings of MuPDF on documents that were stored.",
            Double(counts.warnings)
        )
        text.add(
            "ingest_workers",
            "gauge",
            "Threads or processes that read PDFs.",
            by: "state",
            ["starting": workers.starting, "idle": workers.idle, "busy": workers.busy]
        )
        text.add(
            "ingest_worker_restarts_total",
            "counter",
            "Worker processes that were replaced.",
            by: "reason",
            Dictionary(
                uniqueKeysWithValues: PDFWorkers.Restart.allCases.map {
                    ($0.rawValue, workers.restarts[$0] ?? 0)
                }
            )
        )
    }

    private func addStore(to text: inout MetricsText) {
        text.add("ingest_puts_total", "counter", "Images put into the store.", by: "result", counts.puts)
        text.add("ingest_put_seconds", "Putting an image.", by: nil, ["": counts.putSeconds])
        text.add("ingest_deletes_total", "counter", "Clearings after failures.", by: "result", counts.deletes)
        text.add("ingest_orphans_total", "counter", "Images left after failures.", Double(counts.orphans))
    }

    private func addServer(to text: inout MetricsText) {
        text.add(
            "ingest_loop_blocks_total",
            "counter",
            "Stretches for which an event loop served nobody for too long.",
            Double(loopBlocks.blocks)
        )
        text.add(
            "ingest_loop_block_seconds_total",
            "counter",
            "How long they lasted together.",
            loopBlocks.blocked / .seconds(1)
        )
        let labels: MetricsText.Labels = [
            ("version", build.version), ("mupdf", build.mupdf), ("png", build.png),
            ("isolate", build.isIsolated ? "true" : "false"), ("executor", build.executor),
        ]
        text.add("ingest_build_info", "gauge", "What runs here; always 1.", [(labels, 1)])
    }

    private func addProcess(to text: inout MetricsText) {
        let process = ProcessFigures.now()
        text.add(
            "process_cpu_seconds_total",
            "counter",
            "Processor time of this process, without its workers.",
            process.processorSeconds
        )
        let gauges: [(String, String, Double?)] = [
            ("process_resident_memory_bytes", "Memory in use.", process.residentBytes.map(Double.init)),
            ("process_open_fds", "Open files and sockets.", process.openFiles.map(Double.init)),
            ("process_start_time_seconds", "When the process began, since 1970.", process.startSeconds),
        ]
        for (name, help, value) in gauges {
            if let value { text.add(name, "gauge", help, value) }
        }
    }
}
