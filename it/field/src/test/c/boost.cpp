// An ordinary user of Boost.Interprocess: boost NAME create | mutex | notify | wait | construct OBJECT | find OBJECT
#include <boost/interprocess/managed_shared_memory.hpp>
#include <boost/interprocess/sync/interprocess_condition.hpp>
#include <boost/interprocess/sync/interprocess_mutex.hpp>
#include <boost/interprocess/sync/named_mutex.hpp>
#include <boost/interprocess/sync/scoped_lock.hpp>
#include <cstdio>
#include <string>

using namespace boost::interprocess;

struct Mailbox {
    interprocess_mutex mutex;
    interprocess_condition changed;
    int letters = 0;
};

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    std::string operation = argv[2];
    if (operation == "mutex") {
        named_mutex mutex(open_or_create, (std::string(argv[1]) + "-mutex").c_str());
        scoped_lock<named_mutex> lock(mutex);
        return 0;
    }
    if (operation == "create") {
        managed_shared_memory memory(open_or_create, argv[1], 65536);
        memory.find_or_construct<Mailbox>("mailbox")();
        named_mutex mutex(open_or_create, (std::string(argv[1]) + "-mutex").c_str());
        return 0;
    }
    managed_shared_memory memory(open_only, argv[1]);
    if (operation == "construct") {
        return memory.find_or_construct<int>(argv[3])(42) == nullptr;
    } else if (operation == "find") {
        return memory.find<int>(argv[3]).first == nullptr;
    }
    Mailbox *box = memory.find<Mailbox>("mailbox").first;
    scoped_lock<interprocess_mutex> lock(box->mutex);
    if (operation == "notify") {
        box->letters++;
        box->changed.notify_all();
    } else {
        while (box->letters == 0)
            box->changed.wait(lock);
        std::printf("%d letters\n", box->letters);
    }
    return 0;
}
