# needs: php
php -r '$key = random_int(1, 0x7fffffff);
  $memory = shm_attach($key, 20000, 0600); shm_put_var($memory, 1, ["some" => "data"]);
  $queue = msg_get_queue($key, 0600); msg_send($queue, 1, "unread");
  $semaphore = sem_get($key, 1, 0600, false); sem_acquire($semaphore);'
