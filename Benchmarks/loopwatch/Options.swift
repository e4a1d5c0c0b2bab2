/// What the command line asks for.
struct Options {
    /// The parts; the last two are started by others.
    enum Part: String {
        case accuracy
        case falseReports = "false"
        case idle, cost, http, soak, names, symbols, leaks, serve, spin
    }

    static let usage =
        "usage: run [accuracy|false|idle|cost|http|soak|names|symbols|leaks] [--seconds N] [--count N]"

    /// What to measure.
    let part: Part
    /// How long to measure, where a part takes as long as one likes.
    private(set) var seconds: Int?
    /// How many blocks of each kind, or how many captures.
    private(set) var count: Int?
    /// Whether the server is watched.
    private(set) var isWatched = false
    /// Whether it serves HTTP instead.
    private(set) var isHTTP = false

    /// Reads the command line.
    ///
    /// - Parameter words: What follows the program's name; nil comes of what isn't understood.
    init?(_ words: some Sequence<String>) {
        var words = words.makeIterator()
        guard let name = words.next(), let part = Part(rawValue: name) else { return nil }
        self.part = part
        while let word = words.next() {
            switch word {
            case "--watched": isWatched = true
            case "--http": isHTTP = true
            case "--seconds", "--count":
                guard let number = words.next().flatMap({ Int($0) }), number > 0 else { return nil }
                if word == "--seconds" { seconds = number } else { count = number }
            default: return nil
            }
        }
    }
}
