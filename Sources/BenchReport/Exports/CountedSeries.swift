import Measurements

/// The counted rounds of one target at one load, as exports for other tools take them.
struct CountedSeries {
    let target: String
    let load: Load
    /// In the order they ran.
    let rounds: [RunDocument.Round]

    /// All series of a run: by load, the baseline first; its second measurement is not among them.
    static func all(of document: RunDocument) -> [CountedSeries] {
        let targets = [document.baseline].compactMap { $0 } + document.candidates
        return document.triedLoads.flatMap { load in
            let counted = document.countedRounds(at: load)
            return targets.compactMap { target -> CountedSeries? in
                let own = counted.filter { $0.record.target == target.name }
                return own.isEmpty
                    ? nil : CountedSeries(target: target.name, load: load, rounds: own)
            }
        }
    }

    /// The response times of all successes in microseconds; nil where no round kept them.
    var histogram: Histogram? {
        let histograms = rounds.compactMap { $0.summary.histogram.flatMap { Histogram(decoding: $0) } }
            .filter { $0.highest == Histogram.longestMicroseconds }
        guard !histograms.isEmpty else { return nil }
        return histograms.reduce(into: Histogram(highest: Histogram.longestMicroseconds)) { $0.merge($1) }
    }

    /// A name that fits into one word of any format: letters, digits, "_", "-" and ".", the rest as "-".
    ///
    /// - Parameter name: Any name.
    /// - Returns: At most 64 characters; "target" for a name that has none.
    static func word(_ name: String) -> String {
        let scalars = name.unicodeScalars.prefix(64).map { scalar -> Character in
            let isPlain =
                scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
                || "_-.".unicodeScalars.contains(scalar)
            return isPlain ? Character(scalar) : "-"
        }
        let word = String(scalars)
        return word.contains { $0 != "-" && $0 != "." } ? word : "target"
    }
}
