create table invoice (number int primary key);
create table archive (number int primary key);
create table stock (item varchar(20) primary key, quantity int, lock_token bigint);
create table outbox (number int primary key, text varchar(100), sent boolean);
