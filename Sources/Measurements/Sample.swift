/// A time or a length of time in whole nanoseconds.
///
/// Samples by the million are kept, so they hold machine integers; `Duration` is for configuration.
package typealias Nanoseconds = Int64

/// One upload: when it was meant to start, when each phase ended, and what came of it.
///
/// Every time counts from the round's go on `CLOCK_MONOTONIC`; ``absent`` means that it never happened.
package struct Sample: Sendable, Equatable {
    /// The value of a time that never happened.
    package static let absent: Nanoseconds = -1

    /// When the schedule wanted the upload to start.
    package var intended: Nanoseconds
    /// Just before the request head went to the kernel.
    package var sent: Nanoseconds
    /// When the last body byte was handed over.
    package var bodySent: Nanoseconds
    /// When the first response byte arrived.
    package var firstByte: Nanoseconds
    /// When the last response byte arrived, or the upload ended otherwise.
    package var done: Nanoseconds
    /// How long connecting took; ``absent`` on a connection that was open already.
    package var connect: Nanoseconds
    /// How long the TLS handshake took; ``absent`` without one.
    package var tls: Nanoseconds
    /// What came of it.
    package var outcome: Outcome
    /// The HTTP status; 0 without a response.
    package var status: Int32
    /// Which file of the plan was sent.
    package var file: Int32
    /// Which connection of the round carried it, from 0; -1 when it had none.
    package var connection: Int32
    /// How it was sent and counted.
    package var flags: Flags
    /// Body bytes that the kernel took.
    package var bytesOut: Int64
    /// Response body bytes.
    package var bytesIn: Int64
    /// What the server said it did meanwhile (`Server-Timing`), placed on the round's clock.
    package var stages: [StageTiming]

    /// How an upload was sent and counted.
    package struct Flags: OptionSet, Sendable, Hashable {
        package let rawValue: UInt8

        package init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        /// It waited for a free connection.
        package static let queued = Flags(rawValue: 1)
        /// It ended after the measured window.
        package static let drained = Flags(rawValue: 2)
        /// It was ended by a time-out or a signal: its time is a lower bound.
        package static let censored = Flags(rawValue: 4)
        /// It went over a connection that was open already.
        package static let reused = Flags(rawValue: 8)
    }

    /// Makes an upload that has not started.
    ///
    /// - Parameters:
    ///   - intended: When it should start, from the round's go.
    ///   - file: Which file of the plan it sends.
    package init(intended: Nanoseconds, file: Int32 = 0) {
        self.intended = intended
        self.file = file
        sent = Self.absent
        bodySent = Self.absent
        firstByte = Self.absent
        done = Self.absent
        connect = Self.absent
        tls = Self.absent
        outcome = .notSent
        status = 0
        connection = -1
        flags = []
        bytesOut = 0
        bytesIn = 0
        stages = []
    }

    /// The response time: from the intended start to the last response byte.
    ///
    /// Counting from the real start would hide the queueing that a stalled server causes: coordinated
    /// omission (Gil Tene, "How NOT to Measure Latency", 2015).
    package var responseTime: Nanoseconds { max(0, done - intended) }

    /// The service time: from the real start to the last response byte.
    package var serviceTime: Nanoseconds { sent == Self.absent ? 0 : max(0, done - sent) }
}

/// One segment of the server's work on an upload, as its `Server-Timing` header names it.
package struct StageTiming: Sendable, Equatable {
    /// The segment's name, such as `pdf` or `store`.
    package var name: String
    /// When it began, from the round's go.
    package var start: Nanoseconds
    /// How long it took.
    package var duration: Nanoseconds

    /// Makes a segment.
    ///
    /// - Parameters:
    ///   - name: The segment's name.
    ///   - start: When it began, from the round's go.
    ///   - duration: How long it took.
    package init(name: String, start: Nanoseconds, duration: Nanoseconds) {
        self.name = name
        self.start = start
        self.duration = duration
    }
}

/// One request of the responsiveness probe; times count from the round's go.
package struct ProbeSample: Sendable, Equatable {
    /// When the schedule wanted it to start.
    package var intended: Nanoseconds
    /// When it was sent.
    package var sent: Nanoseconds
    /// When its last response byte arrived, or it failed.
    package var done: Nanoseconds
    /// What came of it.
    package var outcome: Outcome
    /// The HTTP status; 0 without a response.
    package var status: Int32

    /// Makes a probe sample.
    ///
    /// - Parameters:
    ///   - intended: When the schedule wanted it to start.
    ///   - sent: When it was sent.
    ///   - done: When its last response byte arrived.
    ///   - outcome: What came of it.
    ///   - status: The HTTP status; 0 without a response.
    package init(
        intended: Nanoseconds,
        sent: Nanoseconds,
        done: Nanoseconds,
        outcome: Outcome,
        status: Int32
    ) {
        self.intended = intended
        self.sent = sent
        self.done = done
        self.outcome = outcome
        self.status = status
    }

    /// The response time: a probe queued behind a blocked loop counts its wait.
    package var responseTime: Nanoseconds { max(0, done - intended) }
}
