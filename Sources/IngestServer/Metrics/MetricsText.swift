/// Writes metrics in Prometheus' text format 0.0.4.
struct MetricsText {
    /// Labels of one figure, in the order they are written.
    typealias Labels = [(name: String, value: String)]

    private(set) var text = ""

    /// Writes one metric with any number of figures.
    ///
    /// - Parameters:
    ///   - name: The metric.
    ///   - type: `counter` or `gauge`.
    ///   - help: What it counts, in one line.
    ///   - figures: The figures with their labels.
    mutating func add(_ name: String, _ type: String, _ help: String, _ figures: [(Labels, Double)]) {
        begin(name, type, help)
        for (labels, value) in figures { text += "\(name)\(Self.list(labels)) \(Self.number(value))\n" }
    }

    /// Writes one metric that is one figure.
    ///
    /// - Parameters:
    ///   - name: The metric.
    ///   - type: `counter` or `gauge`.
    ///   - help: What it counts, in one line.
    ///   - value: The figure.
    mutating func add(_ name: String, _ type: String, _ help: String, _ value: Double) {
        add(name, type, help, [([], value)])
    }

    /// Writes counts by one label.
    ///
    /// - Parameters:
    ///   - name: The metric.
    ///   - type: `counter` or `gauge`.
    ///   - help: What it counts, in one line.
    ///   - label: The label's name.
    ///   - counts: The count of each of its values.
    mutating func add(
        _ name: String,
        _ type: String,
        _ help: String,
        by label: String,
        _ counts: [String: Int]
    ) {
        let sorted = counts.sorted { $0.key < $1.key }
        add(name, type, help, sorted.map { ([(label, $0.key)], Double($0.value)) })
    }

    /// Writes histograms by one label.
    ///
    /// - Parameters:
    ///   - name: The metric.
    ///   - help: What took that long, in one line.
    ///   - label: The label's name; nil for one histogram without.
    ///   - histograms: The histogram of each of its values.
    mutating func add(_ name: String, _ help: String, by label: String?, _ histograms: [String: Histogram]) {
        begin(name, "histogram", help)
        for (value, histogram) in histograms.sorted(by: { $0.key < $1.key }) {
            let labels: Labels = label.map { [($0, value)] } ?? []
            var below = 0
            for (bound, count) in zip(Histogram.bounds.map { "\($0)" } + ["+Inf"], histogram.counts) {
                below += count
                text += "\(name)_bucket\(Self.list(labels + [("le", bound)])) \(below)\n"
            }
            text += "\(name)_sum\(Self.list(labels)) \(histogram.sum)\n"
            text += "\(name)_count\(Self.list(labels)) \(below)\n"
        }
    }

    private mutating func begin(_ name: String, _ type: String, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    private static func list(_ labels: Labels) -> String {
        if labels.isEmpty { return "" }
        return "{" + labels.map { "\($0.name)=\"\($0.value)\"" }.joined(separator: ",") + "}"
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
    }
}
