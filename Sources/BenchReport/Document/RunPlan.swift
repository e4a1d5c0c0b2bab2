package import Measurements

extension RunDocument {
    /// What was asked for, as far as a reader needs it to repeat the run.
    package struct Plan: Sendable, Equatable {
        /// How uploads are started.
        package enum Mode: String, Sendable, CaseIterable {
            /// All at once.
            case burst
            /// A new one when one ends.
            case closed
            /// By the clock, whatever the server does.
            case open
        }

        /// What happens to a connection between uploads.
        package enum Connections: String, Sendable, CaseIterable {
            case reuse, fresh
        }

        /// The responsiveness probe.
        package struct Probe: Sendable, Equatable {
            package var path: String
            package var intervalSeconds: Double

            /// Describes a probe.
            ///
            /// - Parameters:
            ///   - path: What it gets.
            ///   - intervalSeconds: From one intended start to the next.
            package init(path: String, intervalSeconds: Double) {
                self.path = path
                self.intervalSeconds = intervalSeconds
            }
        }

        /// A file that was uploaded.
        package struct File: Sendable, Equatable {
            package var name: String
            package var bytes: Int64
            package var sha256: String

            /// Describes a file.
            ///
            /// - Parameters:
            ///   - name: Its name, without folders.
            ///   - bytes: Its size.
            ///   - sha256: The digest of its content, in hexadecimal.
            package init(name: String, bytes: Int64, sha256: String) {
                self.name = name
                self.bytes = bytes
                self.sha256 = sha256
            }
        }

        /// The embedded server.
        package struct Server: Sendable, Equatable {
            package var loops: Int
            package var workers: Int
            package var executor: String
            package var store: String

            /// Describes a server.
            ///
            /// - Parameters:
            ///   - loops: How many event loops it has.
            ///   - workers: How many PDF workers.
            ///   - executor: "loop" or "pool".
            ///   - store: Where its images go, such as "s3lite memory".
            package init(loops: Int, workers: Int, executor: String, store: String) {
                self.loops = loops
                self.workers = workers
                self.executor = executor
                self.store = store
            }
        }

        /// Which part of a distributed run one process had.
        ///
        /// The rest of its plan is the whole run's: it had every n-th upload of each round.
        package struct Shard: Sendable, Equatable {
            /// Its number, from 1.
            package var index: Int
            /// How many there are.
            package var count: Int
            /// The wall time at which all of them were to start their first round.
            package var startAt: Timestamp

            /// Describes a shard.
            ///
            /// - Parameters:
            ///   - index: Its number, from 1.
            ///   - count: How many there are.
            ///   - startAt: The wall time at which all of them were to start.
            package init(index: Int, count: Int, startAt: Timestamp) {
                self.index = index
                self.count = count
                self.startAt = startAt
            }

            /// This part's share of a number that all parts have together; the shares add up to it.
            ///
            /// - Parameter total: The number.
            /// - Returns: The share.
            package func share(of total: Int) -> Int {
                total / count + (index <= total % count ? 1 : 0)
            }
        }

        /// The command's arguments, the program's name not among them, secrets masked.
        package var arguments: [String]
        package var mode: Mode
        /// How many uploads a round has; nil when a time bounds it.
        package var requests: Int?
        package var durationSeconds: Double?
        /// The uploads in flight; several make a sweep.
        package var concurrency: [Int]
        /// Arrivals a second, several make a sweep; none unless the loop is open and its rate stays the same.
        package var rates: [Double]
        package var arrivals: String?
        package var stages: String?
        package var rounds: Int
        package var warmup: Int
        /// Whether the baseline was measured twice for the noise floor.
        package var measuresNoise: Bool
        package var seed: UInt64
        package var timeoutSeconds: Double
        package var connections: Connections
        package var http: String
        package var threads: Int
        package var field: String
        package var expectedStatus: String
        package var probe: Probe?
        package var files: [File]
        /// nil when every target is external.
        package var server: Server?
        /// nil when one process did all of it.
        package var shard: Shard?

        /// Describes a plan; secrets in its arguments are masked.
        ///
        /// - Parameters:
        ///   - arguments: The command's arguments.
        ///   - mode: How uploads are started.
        ///   - requests: How many uploads a round has.
        ///   - durationSeconds: How long a round lasts, where time bounds it.
        ///   - concurrency: The uploads in flight.
        ///   - rates: Arrivals a second.
        ///   - arrivals: How arrivals are spread.
        ///   - stages: A rate that changes, as it was given.
        ///   - rounds: Measured rounds a target.
        ///   - warmup: Rounds dropped first.
        ///   - measuresNoise: Whether the baseline was measured twice.
        ///   - seed: What all randomness came from.
        ///   - timeoutSeconds: The limit of one upload.
        ///   - connections: What happens to a connection between uploads.
        ///   - http: The protocol's version.
        ///   - threads: Engine threads.
        ///   - field: The name of the file field.
        ///   - expectedStatus: What counted as success, such as "200-299".
        ///   - probe: The responsiveness probe.
        ///   - files: What was uploaded.
        ///   - server: The embedded server.
        ///   - shard: Which part of a distributed run it was.
        package init(
            arguments: [String],
            mode: Mode,
            requests: Int?,
            durationSeconds: Double? = nil,
            concurrency: [Int],
            rates: [Double] = [],
            arrivals: String? = nil,
            stages: String? = nil,
            rounds: Int,
            warmup: Int,
            measuresNoise: Bool = false,
            seed: UInt64,
            timeoutSeconds: Double,
            connections: Connections = .reuse,
            http: String = "1.1",
            threads: Int = 1,
            field: String,
            expectedStatus: String = "200-299",
            probe: Probe?,
            files: [File],
            server: Server?,
            shard: Shard? = nil
        ) {
            self.arguments = SecretMask.masked(arguments: arguments)
            self.mode = mode
            self.requests = requests
            self.durationSeconds = durationSeconds
            self.concurrency = concurrency
            self.rates = rates
            self.arrivals = arrivals
            self.stages = stages
            self.rounds = rounds
            self.warmup = warmup
            self.measuresNoise = measuresNoise
            self.seed = seed
            self.timeoutSeconds = timeoutSeconds
            self.connections = connections
            self.http = http
            self.threads = threads
            self.field = field
            self.expectedStatus = expectedStatus
            self.probe = probe
            self.files = files
            self.server = server
            self.shard = shard
        }

        /// How many blocks are measured: in a sweep each load has its own.
        package var blocks: Int { rounds * max(1, concurrency.count, rates.count) }

        /// The command that repeats the run, quoted for a POSIX shell, secrets masked.
        package var command: String {
            (["ingest-bench"] + arguments).map(Self.quoted).joined(separator: " ")
        }

        private static func quoted(_ argument: String) -> String {
            let plain = argument.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "-_./:=,@%+".utf8.contains(byte)
                }
            }
            if plain, !argument.isEmpty { return argument }
            return "'"
                + argument.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
                + "'"
        }
    }
}
