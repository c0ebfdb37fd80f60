// SPDX-License-Identifier: Apache-2.0
// Joins a blocking worker on the pool to a stream of the engine: what one side writes the other
// reads, with the socket's buffer between them, so that a large archive or build context never lies
// in memory whole.
#pragma once

#include <boost/asio/local/stream_protocol.hpp>
#include <string>

#include "controller/engine/engine.hpp"

namespace trueup::engine {

// A connected pair: the loop's end is asynchronous, the worker's end a blocking descriptor.
class Pipe final : public ByteSource, public ByteSink {
public:
    static Result<std::unique_ptr<Pipe>> make(Executor executor);
    ~Pipe() override;

    // The loop's end. read(): "" when the worker has closed its end.
    Task<std::string> read() override;
    // Succeeds without effect once the worker has closed its end: it knows enough, or gave up.
    Task<void> write(std::string chunk) override;
    // Tells the worker that nothing more comes, or that nobody listens any more.
    void close();

    // The worker's end; the worker calls close_worker_end() when it is through.
    int worker_end() const { return worker_end_; }
    void close_worker_end();

private:
    explicit Pipe(const Executor& executor) : socket_(executor) {}

    boost::asio::local::stream_protocol::socket socket_;
    int worker_end_ = -1;
};

}    // namespace trueup::engine
