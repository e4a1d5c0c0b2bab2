import Measurements

extension JSONWriter {
    /// Writes a field of text.
    mutating func field(_ name: String, _ text: String?) {
        key(name)
        value(text)
    }

    /// Writes a field with a number.
    mutating func field(_ name: String, _ number: Double?) {
        key(name)
        value(number)
    }

    /// Writes a field with a whole number.
    mutating func field(_ name: String, _ number: (some BinaryInteger)?) {
        key(name)
        value(number)
    }

    /// Writes a field with a length of time, in seconds.
    mutating func field(_ name: String, seconds time: Nanoseconds) {
        field(name, Double(time) / 1e9)
    }

    /// Writes a field of text on a line of its own.
    mutating func line(_ name: String, _ text: String?) {
        key(name, startsLine: true)
        value(text)
    }
}

extension Validity {
    /// Writes the verdict and its reasons.
    func write(_ json: inout JSONWriter) {
        json.object { json in
            json.field("verdict", verdict.rawValue)
            json.key("reasons")
            json.array(reasons) { json, reason in json.value(reason) }
        }
    }
}

extension BurstFacts? {
    /// Writes how the burst began, or null.
    func write(_ json: inout JSONWriter) {
        guard let self else { return json.value(nil as String?) }
        json.object { json in
            json.field("opened_after_go", self.openedAfterGo)
            json.field("last_sent_s", seconds: self.lastSent)
            json.field("peak_in_flight", self.peakInFlight)
        }
    }
}

extension TimeSummary? {
    /// Writes the summary in seconds, or null.
    func write(_ json: inout JSONWriter) {
        guard let self else { return json.value(nil as String?) }
        json.object { json in
            json.field("min", seconds: self.minimum)
            json.field("mean", self.mean / 1e9)
            for percentile in TimeSummary.kept {
                json.field(percentile.description, self.value(percentile).map { Double($0) / 1e9 })
            }
            if self.count >= TimeSummary.countOfThousandths, let value = self.value(.p999) {
                json.field(Percentile.p999.description, seconds: value)
            }
            json.field("max", seconds: self.maximum)
        }
    }
}

extension ClientHealth {
    /// Writes the field "client".
    func write(_ json: inout JSONWriter) {
        json.key("client")
        json.object { json in
            json.field("cores", cores)
            json.field("busiest_thread", busiestThread)
            json.field("send_lag_p99_s", seconds: sendLagP99)
            if let processorTime { json.field("cpu_s", seconds: processorTime) }
        }
    }
}

extension HostHealth {
    /// Writes the field "host".
    func write(_ json: inout JSONWriter) {
        json.key("host")
        json.object { json in
            json.field("steal", steal)
            json.field("others", others)
            json.field("pages_swapped", pagesSwapped)
            json.field("idle", idle)
        }
    }
}

extension ErrorGroup {
    /// Writes the group.
    func write(_ json: inout JSONWriter) {
        json.object { json in
            json.field("target", target)
            json.field("outcome", outcome.rawValue)
            json.field("status", status)
            json.field("count", count)
            json.field("first_body", firstBody)
        }
    }
}

extension BlockedPlace {
    /// Writes the place.
    func write(_ json: inout JSONWriter) {
        json.object { json in
            json.field("blame", blame)
            json.field("callee", callee)
            json.key("frames")
            json.array(frames) { json, frame in json.value(frame) }
        }
    }

    /// Reads the place.
    init(_ node: DocumentNode) throws(DocumentFault) {
        self.init(
            blame: try node.field("blame").known?.text(),
            callee: try node.field("callee").known?.text(),
            frames: try node.field("frames").elements().map { frame throws(DocumentFault) in
                try frame.text()
            }
        )
    }
}

extension ReportWarning {
    /// Writes the warning.
    func write(_ json: inout JSONWriter) {
        json.object { json in
            json.field("code", code.rawValue)
            json.field("severity", severity.rawValue)
            json.field("target", target)
            json.field("round", round)
            json.field("text", text)
        }
    }
}

extension ThresholdResult {
    /// Writes the result.
    func write(_ json: inout JSONWriter) {
        json.object { json in
            json.field("expression", expression)
            json.field("target", target)
            json.field("concurrency", load?.concurrency)
            json.field("rate", load?.rate)
            json.field("verdict", verdict.rawValue)
            json.field("text", text)
        }
    }
}

extension MetricResult {
    /// Writes the result.
    func write(_ json: inout JSONWriter) {
        json.object { json in
            json.field("target", target)
            load.write(&json)
            json.field("size_class", sizeClass?.name)
            json.field("metric", metric.name)
            json.field("unit", metric.unit)
            json.field("better", metric.better.rawValue)
            json.field("rounds", rounds)
            json.field("n", uploads)
            json.field("errors", errors)
            json.key("level")
            level.write(&json)
            json.key("change")
            change.write(&json)
            json.key("unpaired")
            unpaired.write(&json)
            json.field("tail_samples", tailSamples)
            json.key("flags")
            json.array(flags) { json, flag in json.value(flag.rawValue) }
        }
    }
}

extension MetricResult.Level {
    /// Writes the level.
    func write(_ json: inout JSONWriter) {
        json.object { json in
            json.field("value", value)
            json.field("low", low)
            json.field("high", high)
            json.key("censored")
            json.value(isCensored)
        }
    }
}

extension MetricResult.Change? {
    /// Writes the change, or null.
    func write(_ json: inout JSONWriter) {
        guard let self else { return json.value(nil as String?) }
        json.object { json in
            json.field("baseline", self.baseline)
            json.field("kind", self.kind.rawValue)
            json.field("estimate", self.estimate)
            json.field("low", self.low)
            json.field("high", self.high)
            json.field("p", self.p)
            json.field("p_adjusted", self.adjustedP)
            json.field("noise", self.noise)
            json.field("verdict", self.verdict.rawValue)
            json.field("ratio_of_medians", self.ratioOfMedians)
        }
    }
}

extension UnpairedComparison? {
    /// Writes the cross-check, or null.
    func write(_ json: inout JSONWriter) {
        guard let self else { return json.value(nil as String?) }
        json.object { json in
            json.field("estimate", self.estimate)
            json.field("low", self.low)
            json.field("high", self.high)
            json.field("p", self.p)
        }
    }
}
