import Curl
import Foundation
import LoopWatch
import MuPDF
import Synchronization

/// A way to block: each in a function of its own, which must be named.
///
/// The functions differ, are never inlined and do something after the call, or the optimizer would merge them, put
/// them into their callers or leave them before they block. Each notes on which lines it blocks.
enum Blocker: String, CaseIterable, Sendable {
    case usleep, poll
    case systemLock = "pthread_mutex_lock"
    case foundationLock = "NSLock"
    case standardLock = "Mutex"
    case loop = "CPU loop"
    case libcurl, muPDF = "MuPDF"

    /// The function that blocks.
    var function: String {
        switch self {
        case .usleep: "sleepsForAWhile"
        case .poll: "pollsAPipe"
        case .systemLock: "waitsForSystemLock"
        case .foundationLock: "waitsForFoundationLock"
        case .standardLock: "waitsForStandardLock"
        case .loop: "computesForAWhile"
        case .libcurl: "asksSlowServer"
        case .muPDF: "readsLargeDocument"
        }
    }

    /// The functions of the user's from the innermost to the one that blocks.
    ///
    /// The wrappers of libcurl and MuPDF are this project's own code.
    var functions: [String] {
        switch self {
        // The optimizer puts the handle's `perform` into the transfer's, and that into the client's, as it sees fit:
        // then the frame bears the outer one's name.
        case .libcurl: [Machine.isOptimized ? "perform" : "EasyHandle.perform", function]
        case .muPDF: ["PDFExtractor.extract", function]
        default: [function]
        }
    }

    /// What the function calls that is to be blamed, as a report tells it; nil if anything will do.
    ///
    /// A loop that computes may call whatever it likes, and so may MuPDF.
    var callees: [String]? {
        switch self {
        case .usleep: ["usleep"]
        case .poll: ["poll"]
        case .systemLock: ["pthread_mutex_lock"]
        // Its own frame is gone where Foundation's optimizer made it a jump.
        case .foundationLock: ["NSLock.lock", "pthread_mutex_lock"]
        case .standardLock: ["_MutexHandle._lock"]
        case .libcurl: ["curl_easy_perform"]
        case .loop, .muPDF: nil
        }
    }

    /// Blocks the calling thread until its stack has been taken.
    ///
    /// - Parameter obstacle: What it runs into.
    /// - Returns: Anything, so that nothing is left out.
    /// - Throws: What went wrong instead of blocking.
    func run(_ obstacle: Obstacle) throws -> Int {
        switch self {
        case .usleep: sleepsForAWhile(obstacle)
        case .poll: pollsAPipe(obstacle)
        case .systemLock: waitsForSystemLock(obstacle)
        case .foundationLock: waitsForFoundationLock(obstacle)
        case .standardLock: waitsForStandardLock(obstacle)
        case .loop: computesForAWhile(obstacle)
        case .libcurl: try asksSlowServer(obstacle)
        case .muPDF: try readsLargeDocument(obstacle)
        }
    }
}

@inline(never) private func sleepsForAWhile(_ obstacle: Obstacle) -> Int {
    obstacle.isMet(at: (#line + 3)...(#line + 3))
    var sum = 1
    while !obstacle.gate.isOpen {
        sum += Int(usleep(30_000)) + 1
    }
    return sum
}

@inline(never) private func pollsAPipe(_ obstacle: Obstacle) -> Int {
    obstacle.isMet(at: (#line + 2)...(#line + 2))
    var watched = pollfd(fd: obstacle.input, events: Int16(POLLIN), revents: 0)
    let ready = poll(&watched, 1, 60_000)
    return Int(ready) + Int(watched.revents)
}

@inline(never) private func waitsForSystemLock(_ obstacle: Obstacle) -> Int {
    obstacle.isMet(at: (#line + 1)...(#line + 1))
    let failure = pthread_mutex_lock(obstacle.systemLock)
    pthread_mutex_unlock(obstacle.systemLock)
    return Int(failure) + 3
}

@inline(never) private func waitsForFoundationLock(_ obstacle: Obstacle) -> Int {
    obstacle.isMet(at: (#line + 1)...(#line + 1))
    obstacle.foundationLock.lock()
    obstacle.foundationLock.unlock()
    return 4
}

@inline(never) private func waitsForStandardLock(_ obstacle: Obstacle) -> Int {
    obstacle.isMet(at: (#line + 1)...(#line + 4))
    let count = obstacle.standardLock.withLock { count in
        count += 5
        return count
    }
    return count + 5
}

@inline(never) private func computesForAWhile(_ obstacle: Obstacle) -> Int {
    obstacle.isMet(at: (#line + 1)...(#line + 9))
    var state = 6
    var sum = 0
    while !obstacle.gate.isOpen {
        for _ in 0..<100_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            sum &+= state >> 33
        }
    }
    return sum
}

@inline(never) private func asksSlowServer(_ obstacle: Obstacle) throws -> Int {
    obstacle.isMet(at: (#line + 2)...(#line + 2))
    let client = try BlockingClient()
    let answer = try client.perform(TransferRequest(url: "http://127.0.0.1:\(obstacle.port)/"))
    return answer.status + 7
}

@inline(never) private func readsLargeDocument(_ obstacle: Obstacle) throws -> Int {
    obstacle.isMet(at: (#line + 3)...(#line + 3))
    var pages = 0
    while !obstacle.gate.isOpen {
        pages += try PDFExtractor().extract(obstacle.document).pageCount
    }
    return pages + 8
}
