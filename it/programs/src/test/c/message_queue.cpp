// An ordinary user of Boost.Interprocess: message_queue NAME create | send TEXT… | receive COUNT
#include <boost/interprocess/ipc/message_queue.hpp>
#include <cstdlib>
#include <cstring>

using boost::interprocess::message_queue;

int main(int argc, char **argv)
{
    if (argc > 2 && std::strcmp(argv[2], "create") == 0) {
        message_queue queue(boost::interprocess::open_or_create, argv[1], 8, 64);
        return 0;
    }
    if (argc < 4)
        return 2;
    message_queue queue(boost::interprocess::open_only, argv[1]);
    if (std::strcmp(argv[2], "send") == 0) {
        for (int i = 3; i < argc; i++) {
            char text[64] = {};
            std::strncpy(text, argv[i], sizeof text - 1);
            if (!queue.try_send(text, sizeof text, 0))
                return 3;
        }
        return 0;
    }
    for (int i = std::atoi(argv[3]); i > 0; i--) {
        char text[64];
        message_queue::size_type size;
        unsigned priority;
        if (!queue.try_receive(text, sizeof text, size, priority))
            return 4;
    }
    return 0;
}
