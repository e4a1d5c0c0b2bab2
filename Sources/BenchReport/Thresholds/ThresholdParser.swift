import Measurements

/// What is wrong with a threshold, and where.
package struct ThresholdFault: Error, Sendable, Equatable {
    /// The text as it was given.
    package let expression: String
    /// The place of the fault, in characters from the start.
    package let place: Int
    /// Such as "p99<4 has no unit: write 4s or 4ms".
    package let message: String

    /// The expression and a caret under the fault.
    package var excerpt: [String] { [expression, String(repeating: " ", count: place) + "^"] }
}

extension Threshold {
    /// Reads a threshold.
    ///
    /// - Parameters:
    ///   - text: Such as `async.p99<2.95s`; blanks may stand between its parts.
    ///   - targets: The names of the run's targets, the baseline first.
    /// - Throws: ``ThresholdFault``.
    package init(parsing text: String, targets: [String]) throws(ThresholdFault) {
        var parser = ThresholdParser(text, targets: targets)
        self = try parser.threshold()
    }
}

/// Reads one threshold from left to right.
private struct ThresholdParser {
    private let text: String
    private let characters: [Character]
    private let targets: [String]
    private var place = 0

    init(_ text: String, targets: [String]) {
        self.text = text
        characters = Array(text)
        self.targets = targets
    }

    mutating func threshold() throws(ThresholdFault) -> Threshold {
        skipBlanks()
        let start = place
        let term = word { $0.isLetter || $0.isNumber || "_-.".contains($0) }
        guard !term.isEmpty else { throw fault(at: start, "\(shown) names no metric: \(Self.known)") }
        var name = term
        let isChange = name.hasSuffix(".change")
        if isChange { name.removeLast(".change".count) }
        let (target, metric) = try metric(name, at: start)
        skipBlanks()
        let comparison = try comparison(after: term)
        skipBlanks()
        let limitPlace = place
        let limit = try limit(metric, isChange: isChange, target: target)
        skipBlanks()
        guard place == characters.count else {
            throw fault(at: place, "\(shown) goes on after its limit: \(String(characters[place...]))")
        }
        if isChange, metric == .loopWorst {
            throw fault(at: start, "\(shown): loop.worst has no change in percent; limit loop.worst itself")
        }
        if isChange, target == targets.first {
            throw fault(at: start, "\(shown): \(target ?? "") is the baseline, which changes against nothing")
        }
        if isChange || isTarget(limit), targets.count < 2 {
            throw fault(at: limitPlace, "\(shown) compares two targets, and there is one")
        }
        return Threshold(
            expression: text.trimmed,
            target: target,
            metric: metric,
            isChange: isChange,
            comparison: comparison,
            limit: limit
        )
    }

    private static let known =
        "throughput, p50, p99.9, min, mean, max, errors, service.p99, probe.p99, probe.errors, loop.blocked, loop.worst"

    /// The expression as it stands in a sentence.
    private var shown: String { text.trimmed }

    private func isTarget(_ limit: Threshold.Limit) -> Bool {
        if case .target = limit { true } else { false }
    }

    private func metric(_ name: String, at start: Int) throws(ThresholdFault) -> (String?, Metric) {
        if let metric = Metric(name: name) { return (nil, try checked(metric, name, at: start)) }
        guard let dot = name.firstIndex(of: ".") else {
            throw fault(at: start, "\(shown): \(name) is no metric; known are \(Self.known)")
        }
        let (target, rest) = (String(name[..<dot]), String(name[name.index(after: dot)...]))
        guard targets.contains(target) else {
            throw fault(
                at: start,
                "\(shown): there is no target \(target); known are \(targets.joined(separator: ", "))"
            )
        }
        let place = start + target.count + 1
        guard let metric = Metric(name: rest) else {
            throw fault(at: place, "\(shown): \(rest) is no metric; known are \(Self.known)")
        }
        return (target, try checked(metric, rest, at: place))
    }

    /// A percentile must be one that is known of rounds of any size.
    private func checked(_ metric: Metric, _ name: String, at place: Int) throws(ThresholdFault) -> Metric {
        let statistic: TimeStatistic
        switch metric {
        case .response(let found), .service(let found), .probe(let found): statistic = found
        default: return metric
        }
        guard case .percentile(let percentile) = statistic, !TimeSummary.known.contains(percentile) else {
            return metric
        }
        throw fault(
            at: place,
            "\(shown): \(name) is finer than what is kept, a tenth of a percent, above p99.9 a thousandth"
        )
    }

    private mutating func comparison(after term: String) throws(ThresholdFault) -> Threshold.Operator {
        let start = place
        let sign = word { "<>=!".contains($0) }
        guard let comparison = Threshold.Operator(rawValue: sign) else {
            throw fault(at: start, "\(shown) needs one of < <= > >= after \(term)")
        }
        return comparison
    }

    private mutating func limit(
        _ metric: Metric,
        isChange: Bool,
        target: String?
    ) throws(ThresholdFault) -> Threshold.Limit {
        if place < characters.count, characters[place].isLetter {
            return try otherTarget(metric, isChange: isChange, target: target)
        }
        let start = place
        let sign = word(most: 1) { "+-−".contains($0) }
        let digits = word { $0.isASCII && $0.isNumber || $0 == "." }
        guard let number = Double(digits), digits.first != ".", digits.last != "." else {
            throw fault(at: start, "\(shown) has no limit: a number or a target")
        }
        let value = sign == "-" || sign == "−" ? -number : number
        skipBlanks()
        let unitPlace = place
        let unit = word { $0.isLetter || "%/µ".contains($0) }
        let scale = try scale(of: unit, metric, isChange: isChange, number: sign + digits, at: unitPlace)
        return .value(value * scale)
    }

    private mutating func otherTarget(
        _ metric: Metric,
        isChange: Bool,
        target: String?
    ) throws(ThresholdFault) -> Threshold.Limit {
        let start = place
        let name = word { $0.isLetter || $0.isNumber || "_-".contains($0) }
        guard targets.contains(name) else {
            throw fault(
                at: start,
                "\(shown): there is no target \(name); known are \(targets.joined(separator: ", "))"
            )
        }
        guard name != target else { throw fault(at: start, "\(shown) judges \(name) against itself") }
        guard !isChange, !metric.mayBeZero else {
            let reason = isChange ? "a change is against the baseline already" : "\(metric.name) may be 0"
            throw fault(at: start, "\(shown): \(reason), so its limit is a number")
        }
        skipBlanks()
        guard place < characters.count, characters[place] == "*" else { return .target(name, factor: 1) }
        place += 1
        skipBlanks()
        let factorPlace = place
        let digits = word { $0.isASCII && $0.isNumber || $0 == "." }
        guard let factor = Double(digits), factor > 0, digits.first != ".", digits.last != "." else {
            throw fault(at: factorPlace, "\(shown) needs a number after *")
        }
        return .target(name, factor: factor)
    }

    private static let times = ["ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1, "m": 60]

    private func scale(
        of unit: String,
        _ metric: Metric,
        isChange: Bool,
        number: String,
        at place: Int
    ) throws(ThresholdFault) -> Double {
        let name = metric.name + (isChange ? ".change" : "")
        let scale: Double?
        let example: String
        if isChange || metric.unit == "ratio" {
            scale = unit == "%" ? 0.01 : nil
            example = "\(number)%"
        } else if metric.unit == "s" {
            scale = Self.times[unit]
            example = "\(number)s or \(number)ms"
        } else {
            scale = unit.isEmpty || unit == "/s" ? 1 : nil
            example = "\(number) or \(number)/s"
        }
        if let scale { return scale }
        let fault = unit.isEmpty ? "has no unit" : "has the unit \(unit), which \(name) does not take"
        throw self.fault(at: place, "\(shown) \(fault): write \(example)")
    }

    private mutating func word(most: Int = .max, _ isPart: (Character) -> Bool) -> String {
        let start = place
        while place < characters.count, place - start < most, isPart(characters[place]) { place += 1 }
        return String(characters[start..<place])
    }

    private mutating func skipBlanks() {
        _ = word { $0 == " " }
    }

    private func fault(at place: Int, _ message: String) -> ThresholdFault {
        ThresholdFault(expression: text, place: place, message: message)
    }
}
