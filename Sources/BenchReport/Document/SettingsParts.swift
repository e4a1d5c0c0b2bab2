import Measurements

extension RunDocument.Tool {
    /// Writes the program and its libraries.
    func write(_ json: inout JSONWriter) {
        json.object { json in
            json.field("name", name)
            json.field("version", version)
            json.field("commit", commit)
            json.field("build", build)
            json.field("swift", swift)
            json.field("curl", curl)
            json.field("cairo", cairo)
            json.field("mupdf", mupdf)
        }
    }

    /// Reads the program and its libraries.
    init(_ node: DocumentNode) throws(DocumentFault) {
        self.init(
            name: try node.field("name").text(),
            version: try node.field("version").text(),
            commit: try node.optional("commit")?.text(),
            build: try node.field("build").text(),
            swift: try node.field("swift").text(),
            curl: try node.field("curl").text(),
            cairo: try node.field("cairo").text(),
            mupdf: try node.field("mupdf").text()
        )
    }
}

extension RunDocument.Environment {
    /// Writes the machine.
    func write(_ json: inout JSONWriter) {
        json.object { json in
            json.field("shard", shard)
            json.field("os", os)
            json.field("kernel", kernel)
            json.field("arch", arch)
            json.field("cpu", cpu)
            json.field("cores", cores)
            json.field("memory_bytes", memoryBytes)
            json.field("cpu_quota", cpuQuota)
            json.field("governor", governor)
            json.field("virtualization", virtualization)
            json.field("load_before", loadBefore)
            json.key("same_host")
            json.value(sameHost)
            json.field("affinity", affinity)
        }
    }

    /// Reads the machine.
    init(_ node: DocumentNode) throws(DocumentFault) {
        self.init(
            shard: try node.field("shard").count(),
            os: try node.field("os").text(),
            kernel: try node.field("kernel").text(),
            arch: try node.field("arch").text(),
            cpu: try node.field("cpu").text(),
            cores: try node.field("cores").count(),
            memoryBytes: try node.field("memory_bytes").byteCount(),
            cpuQuota: try node.field("cpu_quota").known?.number(),
            governor: try node.field("governor").known?.text(),
            virtualization: try node.field("virtualization").known?.text(),
            loadBefore: try node.field("load_before").number(),
            sameHost: try node.field("same_host").flag(),
            affinity: try node.field("affinity").known?.text()
        )
    }
}

extension RunDocument.Target {
    /// Writes the target.
    func write(_ json: inout JSONWriter) {
        json.object { json in
            json.field("name", name)
            json.field("url", url)
            json.field("method", method)
            json.key("baseline")
            json.value(isBaseline)
            json.field("aa_of", selfComparisonOf)
            json.key("embedded")
            json.value(isEmbedded)
            guard let idleProbe else { return }
            json.key("probe_idle")
            json.object { json in
                json.field("n", idleProbe.count)
                json.field("p50_s", seconds: idleProbe.p50)
                json.field("p99_s", seconds: idleProbe.p99)
            }
        }
    }

    /// Reads the target.
    init(_ node: DocumentNode) throws(DocumentFault) {
        self.init(
            name: try node.field("name").text(),
            url: try node.field("url").text(),
            method: try node.field("method").text(),
            isBaseline: try node.field("baseline").flag(),
            selfComparisonOf: try node.field("aa_of").known?.text(),
            isEmbedded: try node.field("embedded").flag(),
            idleProbe: try node.optional("probe_idle").map { node throws(DocumentFault) in
                ProbeBaseline(
                    count: try node.field("n").count(),
                    p50: try node.field("p50_s").length(),
                    p99: try node.field("p99_s").length()
                )
            }
        )
    }
}

extension RunDocument.Plan {
    /// Writes the plan.
    func write(_ json: inout JSONWriter) {
        json.object { json in
            json.key("argv")
            json.array(arguments) { json, argument in json.value(argument) }
            json.field("mode", mode.rawValue)
            json.field("requests", requests)
            json.field("duration_s", durationSeconds)
            json.key("concurrency")
            json.integers(concurrency.map(Int64.init))
            json.field("rate", rates.count == 1 ? rates[0] : nil)
            if rates.count > 1 {
                json.key("rates")
                json.array(rates) { json, rate in json.value(rate) }
            }
            json.field("arrivals", arrivals)
            json.field("stages", stages)
            json.field("rounds", rounds)
            json.field("warmup", warmup)
            json.key("aa")
            json.value(measuresNoise)
            json.field("seed", String(seed))
            json.field("timeout_s", timeoutSeconds)
            json.field("connections", connections.rawValue)
            json.field("http", http)
            json.field("threads", threads)
            json.field("field", field)
            json.field("expected_status", expectedStatus)
            json.key("probe")
            Self.write(probe, &json)
            json.key("files")
            json.array(files) { json, file in Self.write(file, &json) }
            json.key("server")
            Self.write(server, &json)
            json.key("shard")
            Self.write(shard, &json)
        }
    }

    private static func write(_ probe: Probe?, _ json: inout JSONWriter) {
        guard let probe else { return json.value(nil as String?) }
        json.object { json in
            json.field("path", probe.path)
            json.field("interval_s", probe.intervalSeconds)
        }
    }

    private static func write(_ file: File, _ json: inout JSONWriter) {
        json.object { json in
            json.field("name", file.name)
            json.field("bytes", file.bytes)
            json.field("sha256", file.sha256)
        }
    }

    private static func write(_ server: Server?, _ json: inout JSONWriter) {
        guard let server else { return json.value(nil as String?) }
        json.object { json in
            json.field("loops", server.loops)
            json.field("workers", server.workers)
            json.field("executor", server.executor)
            json.field("store", server.store)
        }
    }

    private static func write(_ shard: Shard?, _ json: inout JSONWriter) {
        guard let shard else { return json.value(nil as String?) }
        json.object { json in
            json.field("index", shard.index)
            json.field("of", shard.count)
            json.field("start_at", shard.startAt.iso8601)
        }
    }

    /// Reads one rate, or those of a sweep.
    private static func rates(_ node: DocumentNode) throws(DocumentFault) -> [Double] {
        if let rates = node.optional("rates") {
            return try rates.elements().map { element throws(DocumentFault) in try Load.rate(element) }
        }
        return try node.field("rate").known.map { rate throws(DocumentFault) in [try Load.rate(rate)] } ?? []
    }

    /// The most shards of a run.
    private static let mostShards: Int64 = 1000

    /// Reads a shard, whose number is one of its run's.
    private static func shard(_ node: DocumentNode) throws(DocumentFault) -> Shard {
        let index = try node.field("index")
        let count = try node.field("of").count(upTo: mostShards)
        guard count > 0, (1...count).contains(try index.count()) else {
            throw .damaged(reason: "\(index.path) is not from 1 to \(count)")
        }
        return Shard(
            index: try index.count(),
            count: count,
            startAt: try node.field("start_at").timestamp()
        )
    }

    /// Reads the plan.
    init(_ node: DocumentNode) throws(DocumentFault) {
        let seed = try node.field("seed")
        guard let seedNumber = UInt64(try seed.text()) else {
            throw .damaged(reason: "\(seed.path) is not a whole number")
        }
        self.init(
            arguments: try node.field("argv").elements().map { element throws(DocumentFault) in
                try element.text()
            },
            mode: try node.field("mode").choice(of: Mode.self),
            requests: try node.field("requests").known?.count(),
            durationSeconds: try node.field("duration_s").known?.number(),
            concurrency: try node.field("concurrency").elements().map { element throws(DocumentFault) in
                try element.count()
            },
            rates: try Self.rates(node),
            arrivals: try node.field("arrivals").known?.text(),
            stages: try node.optional("stages")?.text(),
            rounds: try node.field("rounds").count(),
            warmup: try node.field("warmup").count(),
            measuresNoise: try node.field("aa").flag(),
            seed: seedNumber,
            timeoutSeconds: try node.field("timeout_s").number(),
            connections: try node.field("connections").choice(of: Connections.self),
            http: try node.field("http").text(),
            threads: try node.field("threads").count(),
            field: try node.field("field").text(),
            expectedStatus: try node.field("expected_status").text(),
            probe: try node.optional("probe").map { probe throws(DocumentFault) in
                Probe(
                    path: try probe.field("path").text(),
                    intervalSeconds: try probe.field("interval_s").number()
                )
            },
            files: try node.field("files").elements().map { file throws(DocumentFault) in
                File(
                    name: try file.field("name").text(),
                    bytes: Int64(try file.field("bytes").count(upTo: RoundReader.largestBody)),
                    sha256: try file.field("sha256").text()
                )
            },
            server: try node.field("server").known.map { server throws(DocumentFault) in
                Server(
                    loops: try server.field("loops").count(),
                    workers: try server.field("workers").count(),
                    executor: try server.field("executor").text(),
                    store: try server.field("store").text()
                )
            },
            shard: try node.field("shard").known.map { node throws(DocumentFault) in try Self.shard(node) }
        )
    }
}
