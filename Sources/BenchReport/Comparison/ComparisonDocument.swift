import Measurements

extension RunComparison {
    /// The schema's name and version.
    package static let schema = "ingest-bench/compare/1"

    /// Writes the comparison as `compare.json`.
    ///
    /// - Parameter digests: The SHA-256 of each run's document, in hexadecimal; nil if it can't be read.
    /// - Returns: UTF-8, one result a line, ending with a line break.
    func json(digests: (before: String?, after: String?)) -> [UInt8] {
        var json = JSONWriter()
        json.object(isBroken: true) { json in
            json.line("schema", Self.schema)
            json.key("baseline", startsLine: true)
            Self.write(before, digest: digests.before, &json)
            json.key("candidate", startsLine: true)
            Self.write(after, digest: digests.after, &json)
            json.line("caution", Self.caution)
            json.key("comparable", startsLine: true)
            json.value(isComparable)
            json.key("differences", startsLine: true)
            json.array(differences, isBroken: true) { json, difference in
                json.object { json in
                    json.field("name", difference.name)
                    json.field("was", difference.was)
                    json.field("is", difference.now)
                }
            }
            json.line("verdict", ComparisonSentence(of: self).text)
            json.key("results", startsLine: true)
            json.array(rows + classRows, isBroken: true) { json, row in Self.write(row, &json) }
            json.key("warnings", startsLine: true)
            json.array(warnings, isBroken: true) { json, warning in warning.write(&json) }
        }
        json.endLine()
        return json.bytes
    }

    private static func write(_ run: RunDocument, digest: String?, _ json: inout JSONWriter) {
        json.object { json in
            json.field("id", run.id)
            json.field("sha256", digest)
            json.field("started", run.started.iso8601)
        }
    }

    private static func write(_ row: Row, _ json: inout JSONWriter) {
        json.object { json in
            json.field("baseline_target", row.pair.before)
            json.field("candidate_target", row.pair.after)
            row.load.write(&json)
            json.field("size_class", row.after.sizeClass?.name)
            json.field("metric", row.after.metric.name)
            json.field("unit", row.after.metric.unit)
            json.field("better", row.after.metric.better.rawValue)
            json.key("baseline")
            row.before.level.write(&json)
            json.key("candidate")
            row.after.level.write(&json)
            json.key("change")
            row.after.change.write(&json)
            json.key("drift_adjusted")
            guard let adjusted = row.adjusted else { return json.value(nil as String?) }
            json.object { json in
                json.field("reference", adjusted.reference)
                json.key("change")
                Optional(adjusted.comparison).write(&json)
            }
        }
    }
}
