// SPDX-License-Identifier: Apache-2.0
// libgit2 asks for a stream to list the references, then again for one to negotiate: over ssh both
// are the one connection. It frees that stream at the end, and the connection with it.
#include "controller/source/git_ssh_transport.hpp"

#include <git2/sys/transport.h>

namespace trueup::source {
namespace {

struct SshStream : git_smart_subtransport_stream {};

struct SshSubtransport : git_smart_subtransport {
    explicit SshSubtransport(SshLink& its_link)
        : git_smart_subtransport{}, link(its_link), stream() {}
    SshLink& link;
    SshStream stream;
};

SshLink& link_of(git_smart_subtransport_stream* stream) {
    return static_cast<SshSubtransport*>(stream->subtransport)->link;
}

int fail(SshLink& link) {
    if (link.process && link.process->failed() && !link.error) {
        const auto user = ssh_user(link.url, link.credential);
        link.error =
            ssh_error(link.url, user ? *user : std::string(), link.credential, link.process->log());
    }
    git_error_set_str(GIT_ERROR_SSH, "the ssh connection has ended");
    return -1;
}

int on_read(git_smart_subtransport_stream* stream, char* bytes, std::size_t size,
            std::size_t* count) {
    SshLink& link = link_of(stream);
    *count = link.process->read(bytes, size);
    return *count == 0 && link.process->failed() ? fail(link) : 0;
}

int on_write(git_smart_subtransport_stream* stream, const char* bytes, std::size_t size) {
    SshLink& link = link_of(stream);
    return link.process->write(std::string_view(bytes, size)) ? 0 : fail(link);
}

void on_free_stream(git_smart_subtransport_stream* stream) { link_of(stream).process.reset(); }

int on_action(git_smart_subtransport_stream** stream, git_smart_subtransport* transport,
              const char*, git_smart_service_t action) {
    auto* self = static_cast<SshSubtransport*>(transport);
    SshLink& link = self->link;
    if (action != GIT_SERVICE_UPLOADPACK_LS && action != GIT_SERVICE_UPLOADPACK) {
        git_error_set_str(GIT_ERROR_SSH, "only fetches are done over ssh");
        return -1;
    }
    if (action == GIT_SERVICE_UPLOADPACK_LS) {
        auto started = SshProcess::start(link.url, link.credential);
        if (!started) {
            link.error = started.error();
            return fail(link);
        }
        link.process = std::move(*started);
    } else if (!link.process) {
        return fail(link);
    }
    *stream = &self->stream;
    return 0;
}

int on_close(git_smart_subtransport*) { return 0; }

void on_free(git_smart_subtransport* transport) {
    auto* self = static_cast<SshSubtransport*>(transport);
    self->link.process.reset();
    delete self;
}

int make_subtransport(git_smart_subtransport** made, git_transport*, void* link) {
    auto* subtransport = new SshSubtransport(*static_cast<SshLink*>(link));
    subtransport->action = on_action;
    subtransport->close = on_close;
    subtransport->free = on_free;
    subtransport->stream.subtransport = subtransport;
    subtransport->stream.read = on_read;
    subtransport->stream.write = on_write;
    subtransport->stream.free = on_free_stream;
    *made = subtransport;
    return 0;
}

int make_transport(git_transport** made, git_remote* owner, void* link) {
    git_smart_subtransport_definition definition{make_subtransport, 0, link};
    return git_transport_smart(made, owner, &definition);
}

}    // namespace

void connect_over_ssh(git_remote_connect_options& options, SshLink& link) {
    options.callbacks.transport = make_transport;
    options.callbacks.payload = &link;
}

}    // namespace trueup::source
