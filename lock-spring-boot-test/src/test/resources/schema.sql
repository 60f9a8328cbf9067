create table invoice (number int primary key);
