import Measurements
import Zlib

/// Writes samples by column: one array or packed text for each quantity.
struct ColumnWriter {
    /// Whether columns are packed instead of written as arrays.
    let isPacked: Bool
    /// The place of each outcome in the document's table.
    let outcomes: [Outcome: Int64]

    /// Writes uploads.
    func write(_ samples: SampleSequence, _ json: inout JSONWriter) throws(ZlibError) {
        try json.object { json throws(ZlibError) in
            json.field("n", samples.count)
            try column("intended_ns", samples.lazy.map(\.intended), &json)
            try column("sent_ns", samples.lazy.map(\.sent), &json)
            try column("body_sent_ns", samples.lazy.map(\.bodySent), &json)
            try column("first_byte_ns", samples.lazy.map(\.firstByte), &json)
            try column("done_ns", samples.lazy.map(\.done), &json)
            try column("connect_ns", samples.lazy.map(\.connect), &json)
            try column("tls_ns", samples.lazy.map(\.tls), &json)
            try column("outcome", samples.lazy.map { outcomes[$0.outcome] ?? 0 }, &json)
            try column("status", samples.lazy.map { Int64($0.status) }, &json)
            try column("file", samples.lazy.map { Int64($0.file) }, &json)
            try column("connection", samples.lazy.map { Int64($0.connection) }, &json)
            try column("flags", samples.lazy.map { Int64($0.flags.rawValue) }, &json)
            try column("bytes_out", samples.lazy.map(\.bytesOut), &json)
            try column("bytes_in", samples.lazy.map(\.bytesIn), &json)
            try stages(of: samples, &json)
        }
    }

    /// Writes the probe's requests; null when there are none.
    func write(_ probes: [ProbeSample], _ json: inout JSONWriter) throws(ZlibError) {
        guard !probes.isEmpty else { return json.value(nil as String?) }
        try json.object { json throws(ZlibError) in
            json.field("n", probes.count)
            try column("intended_ns", probes.lazy.map(\.intended), &json)
            try column("sent_ns", probes.lazy.map(\.sent), &json)
            try column("done_ns", probes.lazy.map(\.done), &json)
            try column("outcome", probes.lazy.map { outcomes[$0.outcome] ?? 0 }, &json)
            try column("status", probes.lazy.map { Int64($0.status) }, &json)
        }
    }

    /// Writes what the loops did; null when nobody watched them.
    func write(_ loops: LoopActivity?, _ json: inout JSONWriter) throws(ZlibError) {
        guard let loops else { return json.value(nil as String?) }
        try json.object { json throws(ZlibError) in
            json.field("threshold_s", seconds: loops.threshold)
            json.field("watched", loops.watched)
            json.field("blocked_s", seconds: loops.blocked)
            json.field("worst_s", seconds: loops.worst)
            json.field("count", loops.count)
            json.field("not_scheduled_s", seconds: loops.notScheduled)
            json.field("truncated", loops.truncated)
            if loops.isTraced {
                json.key("traced")
                json.value(true)
            }
            json.key("blocks")
            try json.object { json throws(ZlibError) in
                let blocks = loops.blocks
                try column("loop", blocks.lazy.map { Int64($0.loop) }, &json)
                try column("start_ns", blocks.lazy.map(\.start), &json)
                try column("duration_ns", blocks.lazy.map(\.duration), &json)
                try column("cpu_ns", blocks.lazy.map(\.cpu), &json)
                try column("waiting_ns", blocks.lazy.map(\.waiting), &json)
                try column("not_scheduled_ns", blocks.lazy.map(\.notScheduled), &json)
                try column("stack", blocks.lazy.map { Int64($0.stack) }, &json)
            }
        }
    }

    /// Writes the server's stages by name; an upload without one has the absent time in its place.
    private func stages(of samples: SampleSequence, _ json: inout JSONWriter) throws(ZlibError) {
        json.key("stages")
        let names = StageTiming.names(in: samples)
        guard !names.isEmpty else { return json.value(nil as String?) }
        try json.object { json throws(ZlibError) in
            for name in names {
                json.key(name)
                let timings = samples.lazy.map { sample in sample.stages.first { $0.name == name } }
                try json.object { json throws(ZlibError) in
                    try column("start_ns", timings.map { $0?.start ?? Sample.absent }, &json)
                    try column("duration_ns", timings.map { $0?.duration ?? Sample.absent }, &json)
                }
            }
        }
    }

    private func column(
        _ name: String,
        _ values: some Sequence<Int64>,
        _ json: inout JSONWriter
    ) throws(ZlibError) {
        json.key(name)
        if isPacked {
            try PackedColumn.write(values, to: &json)
        } else {
            json.integers(values)
        }
    }
}

extension StageTiming {
    /// The names of all stages, sorted.
    static func names(in samples: SampleSequence) -> [String] {
        var names: Set<String> = []
        for sample in samples {
            for stage in sample.stages where !names.contains(stage.name) { names.insert(stage.name) }
        }
        return names.sorted()
    }
}
