import Measurements

/// How a threshold's values are written.
struct ThresholdWords {
    private let threshold: Threshold

    init(_ threshold: Threshold) {
        self.threshold = threshold
    }

    private var isRelative: Bool {
        if case .target = threshold.limit { return true }
        return threshold.isChange
    }

    /// What is limited: "async p50.change", "async throughput against blocking".
    func subject(_ target: String) -> String {
        if case .target(let other, _) = threshold.limit {
            return "\(target) \(threshold.metric.name) against \(other)"
        }
        return "\(target) \(threshold.metric.name)\(threshold.isChange ? ".change" : "")"
    }

    /// A value with its unit.
    func value(_ value: Double) -> String {
        if isRelative {
            return threshold.metric.mayBeZero
                ? "\(NumberText.signed(value * 100)) points" : NumberText.percent(value)
        }
        switch threshold.metric.unit {
        case "s": return DurationFormat.text(seconds: value)
        case "ratio": return "\(FixedPoint.significant(value * 100)) %"
        default: return "\(FixedPoint.significant(value)) /s"
        }
    }

    /// Both ends of an interval, an open one as "open".
    func bounds(_ low: Double?, _ high: Double?) -> String {
        func end(_ value: Double?) -> String {
            guard let value else { return "open" }
            if isRelative { return NumberText.signed(value * 100) }
            guard threshold.metric.unit == "s" else {
                return FixedPoint.significant(threshold.metric.unit == "ratio" ? value * 100 : value)
            }
            let unit = DurationFormat.unit(for: high ?? value)
            return DurationFormat.number(seconds: value, in: unit)
        }
        return "\(end(low)) … \(end(high))"
    }

    /// The limit as it is compared: "2.95 s", "5 %".
    var limit: String {
        switch threshold.limit {
        case .target(_, let factor): NumberText.percent(factor - 1)
        case .value(let value):
            if threshold.isChange {
                "\(NumberText.trimmed(value * 100, decimals: 6)) \(unit(ofChange: value))"
            } else if threshold.metric.unit == "s" {
                NumberText.limit(value)
            } else if threshold.metric.unit == "ratio" {
                "\(NumberText.trimmed(value * 100, decimals: 6)) %"
            } else {
                "\(NumberText.trimmed(value, decimals: 6)) /s"
            }
        }
    }
    private func unit(ofChange value: Double) -> String {
        guard threshold.metric.mayBeZero else { return "%" }
        return abs(value) == 0.01 ? "point" : "points"
    }
}
