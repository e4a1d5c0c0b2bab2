/// The text of one page of a sample, in Helvetica, which every PDF reader brings.
struct SamplePDFText {
    private let page: Int
    private let pages: Int
    private let lines: [String]

    /// Chooses a page's sentences.
    ///
    /// - Parameters:
    ///   - page: The page, counted from 1.
    ///   - pages: How many pages there are.
    ///   - seed: Another seed gives another order.
    ///   - hasImages: Whether the lower half must stay free.
    init(page: Int, of pages: Int, seed: UInt64, hasImages: Bool) {
        self.page = page
        self.pages = pages
        var random = SampleRandom(seed: seed, page)
        let chosen = random.shuffle(sentences).joined(separator: " ")
        lines = Array(wrapped(chosen, width: 88).prefix(hasImages ? 18 : 42))
    }

    /// The operators of the page's content that show the text.
    var operators: String {
        let head = "BT /F2 18 Tf 72 714 Td (Page \(page) of \(pages)) Tj ET\n"
        let body = lines.map { "(\($0)) '\n" }.joined()
        return head + "BT /F1 11 Tf 15 TL 72 697 Td\n" + body + "ET\n"
    }
}

/// Breaks a text between words.
private func wrapped(_ text: String, width: Int) -> [String] {
    var lines: [String] = []
    for word in text.split(separator: " ") {
        if let last = lines.last, last.utf8.count + 1 + word.utf8.count <= width {
            lines[lines.count - 1] = "\(last) \(word)"
        } else {
            lines.append(String(word))
        }
    }
    return lines
}

/// Without brackets and backslashes, which mean something in a PDF's strings.
private let sentences = [
    "An event loop does one thing at a time, and does it for everyone.",
    "A handler that computes for a second makes every other request wait for that second.",
    "The loop is not slow, it is busy: nothing it owes to others happens until the handler returns.",
    "A health check that answers late says more about a server than its mean latency.",
    "Uploads arrive in bursts, because the people who send them come back from lunch together.",
    "Reading a file from a socket costs little; making sense of it costs the rest.",
    "Work that needs the processor belongs on a thread of its own, and the pool of threads needs a bound.",
    "A queue without a limit only hides for a while that there is too much to do.",
    "The client that waits longest decides what people think of a service.",
    "Measure from the moment a request should have started, not from the moment it could.",
    "A mean hides the burst, a maximum hides the rest; percentiles show where most requests end.",
    "Ten images of one document can travel to the store together, or one after the other.",
    "A call that blocks looks innocent in review: it returns a value, and it has a time-out.",
    "Two routes that do the same work in two places are the smallest honest comparison.",
    "Rounds that take turns share the weather of a machine; runs on two days do not.",
    "What a document holds is known only once it has been read to its end.",
    "If one page cannot be read, storing the images of the others helps nobody.",
    "An upload that fails should leave nothing behind, and say so.",
    "Back pressure is a promise: the sender learns that it is too fast before memory runs out.",
    "A server that refuses early keeps the requests it has already accepted fast.",
    "Throughput rises with every worker until the processor is full; latency then starts to pay.",
    "The fastest copy is the one that is not made.",
    "A cancelled request that keeps computing is work that nobody will look at.",
    "When a client goes away, its images should not stay.",
    "Logs tell what happened, metrics how often, and a trace of the loop tells why.",
    "A benchmark that cannot lose is an advertisement.",
]
