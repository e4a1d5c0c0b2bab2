import BenchReport
import Testing

struct TextMeasureTests {
    private let measure = TextMeasure { text, _ in Double(text.count) }

    @Test(arguments: [
        ("async", 24, "async"), ("abcdefghij", 5, "ab…ij"), ("abcdefghij", 6, "abc…ij"), ("ab", 1, "…"),
    ])
    func `names that are too long lose their middle`(name: String, count: Int, expected: String) {
        #expect(TextMeasure.middleTruncated(name, to: count) == expected)
    }

    @Test func `a text is shortened until it fits`() {
        #expect(measure.fitted("abcdefghij", style: .body, width: 7) == "abc…hij")
        #expect(measure.fitted("abc", style: .body, width: 7) == "abc")
        #expect(measure.fitted("abc", style: .body, width: 0) == "…")
    }

    @Test func `lines break at blanks, but not within a change`() {
        #expect(
            measure.wrapped("throughput is up, p99 −22 % more", style: .body, width: 14)
                == ["throughput is", "up, p99 −22 %", "more"]
        )
    }

    @Test func `the last line allowed takes the rest`() {
        #expect(
            measure.wrapped("aaa bbb ccc ddd", style: .body, width: 9, limit: 2) == ["aaa bbb", "ccc ddd"]
        )
        #expect(measure.wrapped("aaaa bbbb cccc dddd", style: .body, width: 9, limit: 1) == ["aaaa …"])
        #expect(measure.wrapped("aaaa bbbb cccc dddd", style: .body, width: 11, limit: 1) == ["aaaa bbbb …"])
    }

    @Test func `lines of a title are about as long`() {
        let narrow = TextMeasure { text, _ in 10 * Double(text.count) }
        #expect(
            narrow.balanced("one two three four five", style: .body, width: 190, limit: 3)
                == ["one two three", "four five"]
        )
    }

    @Test func `parts stay whole where they can`() {
        #expect(
            measure.joined(
                ["10 rounds", "each one", "a part wider than a line"],
                by: " · ",
                style: .body,
                width: 20
            )
                == ["10 rounds · each one", "a part wider than a", "line"]
        )
    }
}
